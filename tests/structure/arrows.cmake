cmake_minimum_required(VERSION 3.25)
# cmake -D SOURCE=<project> -P arrows.cmake: which folder may include which, and which third-party header belongs to which
# folder, as docs/architecture.md says. Fails with every include that breaks a rule.

# folder: the folders it may include, besides itself.
set(base)
set(models base)
set(calibrate/profile base)
set(planner/plans base)
set(platforms base)
set(scenarios base calibrate/profile planner/plans platforms)
set(planner/search base calibrate/profile planner/plans platforms scenarios)
set(sim base calibrate/profile planner/plans platforms scenarios)
set(policy/reader base)
set(policy/writer base planner/plans policy/reader)
set(sweep base calibrate/profile planner/plans platforms scenarios planner/search sim policy/reader policy/writer)
set(runtime/inference base models)
set(runtime/executor base)
set(runtime/split base models planner/plans policy/reader runtime/inference runtime/executor)
set(calibrate/measure base models calibrate/profile runtime/inference runtime/executor)
set(testbed base planner/plans scenarios platforms)
set(cli base models calibrate/profile planner/plans platforms scenarios planner/search sim policy/reader policy/writer sweep
        runtime/inference runtime/executor runtime/split calibrate/measure testbed)
set(folders base models calibrate/profile planner/plans platforms scenarios planner/search sim policy/reader policy/writer
            sweep runtime/inference runtime/executor runtime/split calibrate/measure testbed cli)

# third-party header (regular expression): the only folders that may include it.
set(owners
  "^Eigen/=calibrate/profile"
  "^onnx/=models"
  "^google/protobuf/=models runtime/executor"
  "^toml\\+\\+/=scenarios"
  "^toml\\.hpp=scenarios"
  "^boost/=planner/search"
  "^(simgrid|xbt)/=sim"
  "^flatbuffers/=policy/reader policy/writer"
  "^(SQLiteCpp/|sqlite3\\.h)=sweep"
  "^onnxruntime=runtime/inference"
  "^(grpc|grpcpp|open_inference)[/.]=runtime/executor"
  "^pugixml=platforms"
  "^CLI/=cli")

set(faults "")
set(files_seen 0)
foreach(folder IN LISTS folders)
  file(GLOB_RECURSE files ${SOURCE}/${folder}/*.hpp ${SOURCE}/${folder}/*.cpp ${SOURCE}/${folder}/*.h)
  foreach(file IN LISTS files)
    math(EXPR files_seen "${files_seen} + 1")
    file(RELATIVE_PATH name ${SOURCE} ${file})
    # What runs plans waits by the clock that nobody sets.
    if(name MATCHES "^runtime/")
      file(STRINGS ${file} clocks REGEX "system_clock|high_resolution_clock|GPR_CLOCK_REALTIME")
      if(clocks)
        list(APPEND faults "${name} reads the wall clock: ${clocks}")
      endif()
    endif()
    file(STRINGS ${file} includes REGEX "^[ \t]*#[ \t]*include")
    foreach(include IN LISTS includes)
      if(NOT include MATCHES "[\"<]([^\">]+)[\">]")
        continue()
      endif()
      set(header ${CMAKE_MATCH_1})
      foreach(other IN LISTS folders)
        if(header MATCHES "^${other}/" AND NOT other STREQUAL folder AND NOT other IN_LIST ${folder})
          list(APPEND faults "${name} includes ${header}: ${folder} may not use ${other}")
        endif()
      endforeach()
      foreach(rule IN LISTS owners)
        string(REGEX MATCH "^(.*)=([^=]*)$" unused "${rule}")
        set(pattern ${CMAKE_MATCH_1})
        string(REPLACE " " ";" allowed "${CMAKE_MATCH_2}")
        if(header MATCHES "${pattern}" AND NOT folder IN_LIST allowed)
          list(APPEND faults "${name} includes ${header}, which belongs to ${allowed}")
        endif()
      endforeach()
    endforeach()
  endforeach()
endforeach()

if(files_seen LESS 50)
  message(FATAL_ERROR "only ${files_seen} files found below ${SOURCE}: the check looked in the wrong place")
endif()
if(faults)
  list(JOIN faults "\n  " text)
  message(FATAL_ERROR "these includes break the arrows:\n  ${text}")
endif()
message(STATUS "${files_seen} files keep the arrows")
