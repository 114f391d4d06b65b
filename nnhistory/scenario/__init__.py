"""Scenarios: one TOML file each, decoded into frozen, validated structs. Knows no era; needs no NumPy."""
