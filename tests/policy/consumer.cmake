# cmake -D... -P consumer.cmake: installs the policy reader alone, builds tests/policy/consumer against it and runs both
# programs on a table.
function(step)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK}/prefix ${WORK}/build)
step(${CMAKE_COMMAND} --install ${KERF_BUILD} --component policy --prefix ${WORK}/prefix)

# Nothing but the reader: two headers, one library, the package.
file(GLOB headers RELATIVE ${WORK}/prefix/include ${WORK}/prefix/include/*/*)
list(SORT headers)
if(NOT headers STREQUAL "kerf/policy.h;kerf/policy_reader.hpp")
  message(FATAL_ERROR "installed headers are ${headers}")
endif()

step(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G Ninja -DCMAKE_PREFIX_PATH=${WORK}/prefix
     -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
     -DCMAKE_C_FLAGS=${FLAGS} -DCMAKE_CXX_FLAGS=${FLAGS})
step(${CMAKE_COMMAND} --build ${WORK}/build)
step(${WORK}/build/consumer_cpp ${TABLE})
step(${WORK}/build/consumer_c ${TABLE})
