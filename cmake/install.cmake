# What cmake --install puts in place besides the tools and their man pages.
install(DIRECTORY schemas/ DESTINATION ${CMAKE_INSTALL_DATADIR}/gt-tools/schemas COMPONENT tools
        FILES_MATCHING PATTERN "*.json")
install(DIRECTORY scripts/ DESTINATION ${CMAKE_INSTALL_DATADIR}/gt-tools/scripts COMPONENT tools
        FILES_MATCHING PATTERN "Dockerfile.*" PATTERN "*.md")
