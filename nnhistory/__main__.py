"""`python -m nnhistory` is the same as `nnhistory`."""

from nnhistory.cli.main import main

if __name__ == "__main__":
    main()
