#include <iostream>

#include "tools/gt2json/command.h"

int main(int argc, char** argv) { return gt::tools::gt2json_command(argc, argv, {std::cout, std::cerr}); }
