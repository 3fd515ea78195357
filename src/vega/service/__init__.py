"""Vega as a service of a machine: installed, upgraded, gone back from, removed.

`setup_jarvis_mode.sh` runs this from the folder of its code, by a Python that has nothing else
installed: all but `errands`, which a version that is installed runs in a life's home, is on the
standard library alone.
"""
