#include <iostream>

#include "tools/blender2docker/command.h"

int main(int argc, char** argv) { return gt::tools::blender2docker_command(argc, argv, {std::cout, std::cerr}); }
