"""The look of a report (CSS), and the few lines of script behind its slider."""

from __future__ import annotations

__all__ = ["SCRIPT", "STYLE"]

STYLE = """
:root{color-scheme:light dark;--paper:#fbfaf7;--ink:#1e2126;--muted:#5f646c;--line:#d8d4cb;--error:#b34d00;
--good:#00724f;--tint:#f3efe4}
@media(prefers-color-scheme:dark){:root{--paper:#14171c;--ink:#e8e6e1;--muted:#9aa0a9;--line:#3a404a;--error:#ef8a3c;
--good:#3cc39a;--tint:#1f242c}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1.05rem/1.6 "DejaVu Sans",Verdana,"Segoe UI",sans-serif}
main{max-width:64rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:2rem;line-height:1.2;margin:.2rem 0}
h2{font-size:1.35rem;line-height:1.3;margin:3rem 0 .4rem}
h3{font-size:1.05rem;margin:1.5rem 0 .3rem}
p,ul,ol,dl{max-width:44rem}
.kicker,.when,figcaption,footer,.popular,.sources{color:var(--muted);font-size:.92rem}
.kicker,.when{margin:0}
.summary{font-size:1.15rem}
.number{display:inline-block;min-width:1.9rem;text-align:center;background:var(--tint);border-radius:.4rem;
font-weight:bold}
figure{margin:1rem 0}
svg{display:block;width:100%;height:auto;border-radius:.5rem}
figcaption ul{margin:.5rem 0 0;padding-left:1.2rem}
.on-dark{display:none}
@media(prefers-color-scheme:dark){.on-dark{display:block}.on-light{display:none}}
.broke{border-left:.3rem solid var(--error);padding:.1rem 1rem;background:var(--tint)}
aside.broke{margin:1rem 0}
.quiz{border:1px solid var(--line);border-radius:.5rem;padding:.2rem 1.1rem;margin:1rem 0}
.quiz details{margin:.6rem 0}
summary{cursor:pointer;font-weight:bold}
.right{color:var(--good);font-weight:bold}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.92rem;margin:.6rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--line)}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.holds td:first-child{color:var(--good);white-space:nowrap}
.fails td:first-child{color:var(--error);font-weight:bold;white-space:nowrap}
.events{padding-left:1.2rem}.events .broke{list-style:none;margin-left:-1.2rem;padding:.3rem .9rem}
dl{margin:.3rem 0 .6rem;font-size:.92rem;display:grid;grid-template-columns:max-content 1fr;gap:0 1rem}
dt{font-variant-numeric:tabular-nums}dd{margin:0;color:var(--muted)}
.history>li{margin:.9rem 0}.history p{margin:.2rem 0}
input[type=range]{width:min(30rem,60vw);vertical-align:middle}
code{font-family:"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.92em}
@media print{details::details-content{display:block}}
"""

SCRIPT = """
(function(){var film=document.querySelector('.film');if(!film)return;
var frames=film.querySelectorAll('.frame'),control=film.querySelector('.control'),range=control.querySelector('input'),
said=control.querySelector('output');control.hidden=false;
range.addEventListener('input',function(){frames.forEach(function(frame,index){frame.hidden=index!==Number(range.value)});
said.textContent=frames[Number(range.value)].dataset.when;});})();
"""
