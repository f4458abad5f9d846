import pathlib
import sys

# The server of the tests is the browser tests'.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
