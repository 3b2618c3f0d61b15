# What `cmake --install` puts where, and the Debian package (`scripts/package`, which wants the preset `package`).
set(LAB_MAINTAINER "Lab developers <root@localhost>" CACHE STRING "Maintainer that packages name")

# Completions, as the program itself writes them.
set(completions "")
foreach(shell_and_file bash:bash-completion/completions/labc zsh:zsh/vendor-completions/_labc fish:fish/vendor_completions.d/labc.fish)
  string(REPLACE ":" ";" parts ${shell_and_file})
  list(GET parts 0 shell)
  list(GET parts 1 file)
  get_filename_component(folder ${file} DIRECTORY)
  set(made ${CMAKE_CURRENT_BINARY_DIR}/completions/${file})
  add_custom_command(OUTPUT ${made}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/completions/${folder}
    COMMAND $<TARGET_FILE:labc> completion ${shell} > ${made}
    DEPENDS labc VERBATIM)
  list(APPEND completions ${made})
  install(FILES ${made} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder})
endforeach()
add_custom_target(completions ALL DEPENDS ${completions})

install(FILES cmake/copyright README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY editors/emacs editors/helix editors/vim DESTINATION ${CMAKE_INSTALL_DATADIR}/lab/editors)
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples PATTERN expected EXCLUDE PATTERN out EXCLUDE)

set(CPACK_PACKAGE_NAME ${PROJECT_NAME})
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT ${LAB_MAINTAINER})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
  WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)  # of labrun; labc has none
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS git)  # imports of repositories
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "typed language for a whole homelab")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "labc reads one text that describes machines, networks, clusters, apps and
secrets, refuses what cannot work, and writes Talos machine configurations,
Kubernetes manifests, Cilium policies, encrypted secrets and a plan. labrun
makes the plan true, and goes on where it was after a crash.")
include(CPack)
