#!/usr/bin/env python
"""Django's command-line utility for administrative tasks."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "techniekpact.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise ImportError("Django ontbreekt: draai dit met .venv/bin/python (make run maakt die).") from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
