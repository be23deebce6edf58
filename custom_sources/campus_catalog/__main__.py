"""``python -m campus_catalog``: the command line where no script of it is on the path."""

from campus_catalog.cli.main import main

if __name__ == "__main__":
    main()
