"""Make `assets/data/mnist_subset.npz` from the four full MNIST files.

    python assets/make_mnist_subset.py FOLDER

FOLDER holds the four idx.gz files; their unpacked content is checked against the catalogue's SHA-256 first.
The subset is stratified: 1,200 training and 200 test digits of each class, chosen with a fixed seed, in mixed order.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

from nnhistory.datasets.catalogue import catalogue
from nnhistory.datasets.digits import read_idx

TRAIN, TEST, SEED = 1200, 200, 1998


def main(folder: Path) -> None:
    for remote in catalogue()["mnist"].files:
        found = hashlib.sha256(gzip.decompress((folder / remote.name).read_bytes())).hexdigest()
        if found != remote.sha256:
            sys.exit(f"{remote.name}: SHA-256 is {found}, expected {remote.sha256}")
    rng = np.random.default_rng(SEED)
    arrays: dict[str, np.ndarray] = {}
    for part, prefix, each in (("train", "train", TRAIN), ("test", "t10k", TEST)):
        images = read_idx(folder / f"{prefix}-images-idx3-ubyte.gz")
        labels = read_idx(folder / f"{prefix}-labels-idx1-ubyte.gz")
        chosen = np.concatenate([rng.permutation(np.flatnonzero(labels == digit))[:each] for digit in range(10)])
        chosen = rng.permutation(chosen)
        arrays[f"{part}_images"], arrays[f"{part}_labels"] = images[chosen], labels[chosen]
    target = Path(__file__).resolve().parent / "data" / "mnist_subset.npz"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            # A fixed date makes the file the same, byte for byte, whenever it is made.
            zipped.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1998, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED, 9
            )
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
