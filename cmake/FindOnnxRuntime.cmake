# Finds ONNX Runtime and gives the target OnnxRuntime::OnnxRuntime. In this order: ONNXRUNTIME_ROOT (a CMake variable or
# an environment variable), what scripts/ put under .deps/onnxruntime in the source folder, the system's package
# (libonnxruntime-dev of Debian 13, Ubuntu 24.10 and later). Sets OnnxRuntime_FOUND and OnnxRuntime_VERSION; the version
# is the headers' API level, the library may be newer (the C API is versioned).

set(_onnxruntime_places ${ONNXRUNTIME_ROOT} $ENV{ONNXRUNTIME_ROOT} ${PROJECT_SOURCE_DIR}/.deps/onnxruntime)

find_path(OnnxRuntime_INCLUDE_DIR onnxruntime_cxx_api.h
          HINTS ${_onnxruntime_places}
          PATH_SUFFIXES include include/onnxruntime include/onnxruntime/core/session)
find_library(OnnxRuntime_LIBRARY NAMES onnxruntime HINTS ${_onnxruntime_places} PATH_SUFFIXES lib lib64)
mark_as_advanced(OnnxRuntime_INCLUDE_DIR OnnxRuntime_LIBRARY)

if(OnnxRuntime_INCLUDE_DIR AND EXISTS ${OnnxRuntime_INCLUDE_DIR}/onnxruntime_c_api.h)
  file(STRINGS ${OnnxRuntime_INCLUDE_DIR}/onnxruntime_c_api.h _onnxruntime_level REGEX "#define ORT_API_VERSION [0-9]+")
  string(REGEX REPLACE ".*ORT_API_VERSION ([0-9]+).*" "1.\\1" OnnxRuntime_VERSION "${_onnxruntime_level}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxRuntime REQUIRED_VARS OnnxRuntime_LIBRARY OnnxRuntime_INCLUDE_DIR
                                  VERSION_VAR OnnxRuntime_VERSION)

if(OnnxRuntime_FOUND AND NOT TARGET OnnxRuntime::OnnxRuntime)
  # IMPORTED targets' include folders are SYSTEM ones, and their library's folder goes into the build tree's rpath.
  add_library(OnnxRuntime::OnnxRuntime SHARED IMPORTED)
  set_target_properties(OnnxRuntime::OnnxRuntime PROPERTIES
                        IMPORTED_LOCATION ${OnnxRuntime_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${OnnxRuntime_INCLUDE_DIR})
endif()
