# Flags that every target shares. They must be equal everywhere, since one precompiled header serves all torch folders.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH TRUE)
# Plug-ins of a loaded module register themselves with the executable.
set(CMAKE_ENABLE_EXPORTS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

add_library(espalier_flags INTERFACE)
# -ffp-contract=off: a SIMD path and its scalar twin round alike.
target_include_directories(espalier_flags SYSTEM BEFORE INTERFACE ${PROJECT_BINARY_DIR}/generated/first)
target_compile_options(espalier_flags INTERFACE -Wall -Wextra -Werror -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(espalier_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
else()
  # False alarms of g++ 12 inside SmallVector and std::regex; and it wants every field of a designated initializer.
  target_compile_options(espalier_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict
                                                  -Wno-missing-field-initializers)
endif()
if(ESPALIER_SANITIZE)
  target_compile_options(espalier_flags INTERFACE -fsanitize=${ESPALIER_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(espalier_flags INTERFACE -fsanitize=${ESPALIER_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
          CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
