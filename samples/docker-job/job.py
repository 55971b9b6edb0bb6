# Runs in the container, in /golem/work.
import os
import shutil

import params

print(params.greeting, sum(params.numbers), params.exact)
for name in sorted(os.listdir("../resources")):
    shutil.copy(os.path.join("../resources", name), "../output")
    print("copied", name)
