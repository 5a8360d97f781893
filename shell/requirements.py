"""Print what pyproject.toml asks for, a line each: the run-time libraries, and those of the extras that are named."""
import os
import sys
import tomllib

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pyproject.toml"), "rb") as file:
    project = tomllib.load(file)["project"]
for each in project["dependencies"]:
    print(each)
for extra in sys.argv[1:]:
    for each in project["optional-dependencies"][extra]:
        print(each)
