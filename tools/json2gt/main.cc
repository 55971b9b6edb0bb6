#include <iostream>

#include "tools/json2gt/command.h"

int main(int argc, char** argv) { return gt::tools::json2gt_command(argc, argv, {std::cout, std::cerr}); }
