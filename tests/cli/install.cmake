# cmake -D... -P install.cmake: installs the programs, moves the folder and asks each of them for help, without what a shell may
# know of libraries.
file(REMOVE_RECURSE ${PREFIX} ${PREFIX}-moved)
execute_process(COMMAND ${CMAKE_COMMAND} --install ${KERF_BUILD} --component programs --prefix ${PREFIX}
                OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${PREFIX} ${PREFIX}-moved)
unset(ENV{LD_LIBRARY_PATH})
file(GLOB programs ${PREFIX}-moved/${BIN}/kerf*)
if(NOT programs)
  message(FATAL_ERROR "no programs in ${PREFIX}-moved/${BIN}")
endif()
foreach(program IN LISTS programs)
  execute_process(COMMAND ${program} --help OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(REMOVE_RECURSE ${PREFIX}-moved)
