"""The command line: `python manage.py COMMAND --help`. Nothing is written without --commit."""

from govdesk.cli import app

if __name__ == "__main__":
    app()
