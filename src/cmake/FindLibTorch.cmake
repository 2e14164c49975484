# LibTorch without nvcc and without its own configure scripts.
#
# Looked for in LIBTORCH_ROOT (variable or environment: an unzipped libtorch, or <site-packages>/torch), else in the
# cache that launch/setup.sh fills. Targets:
#   LibTorch::cpu    libtorch_cpu and libc10
#   LibTorch::cuda   c10_cuda, cudart and NCCL with their headers, for the module in src/cuda; only where LibTorch_CUDA_FOUND
if(DEFINED ENV{XDG_CACHE_HOME})
  set(_cache "$ENV{XDG_CACHE_HOME}/espalier")
else()
  set(_cache "$ENV{HOME}/.cache/espalier")
endif()
set(_roots ${LIBTORCH_ROOT} $ENV{LIBTORCH_ROOT} "${_cache}/libtorch-2.14.1/torch")

find_path(LibTorch_INCLUDE_DIR ATen/core/TensorBody.h PATHS ${_roots} PATH_SUFFIXES include NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu PATHS ${_roots} PATH_SUFFIXES lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 PATHS ${_roots} PATH_SUFFIXES lib NO_DEFAULT_PATH)
if(LibTorch_INCLUDE_DIR)
  file(STRINGS "${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h" _version
       REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
  string(REGEX REPLACE "[^0-9;]" "" _version "${_version}")
  string(REPLACE ";" "." LibTorch_VERSION "${_version}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "try: launch/setup.sh, or LIBTORCH_ROOT=/path/to/libtorch")
if(NOT LibTorch_FOUND OR TARGET LibTorch::cpu)
  return()
endif()

function(_espalier_import name library)  # IMPORTED: system includes, and the build's RPATH
  add_library(${name} SHARED IMPORTED)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${library}"
    INTERFACE_INCLUDE_DIRECTORIES "${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
endfunction()

_espalier_import(LibTorch::c10 "${LibTorch_C10_LIBRARY}")
_espalier_import(LibTorch::torch_cpu "${LibTorch_CPU_LIBRARY}")
add_library(LibTorch::cpu INTERFACE IMPORTED)
target_compile_definitions(LibTorch::cpu INTERFACE _GLIBCXX_USE_CXX11_ABI=1)
# The wheel's libraries find their own dependencies at run time; the linker need not.
target_link_options(LibTorch::cpu INTERFACE "LINKER:--allow-shlib-undefined")
target_link_libraries(LibTorch::cpu INTERFACE LibTorch::torch_cpu LibTorch::c10)

# The CUDA half, from the wheel's own packages only, so that the header and the library loaded at run time agree.
get_filename_component(_lib "${LibTorch_CPU_LIBRARY}" DIRECTORY)
get_filename_component(_site "${_lib}/../.." ABSOLUTE)
find_library(LibTorch_C10_CUDA_LIBRARY c10_cuda PATHS "${_lib}" NO_DEFAULT_PATH)
find_path(LibTorch_CUDART_INCLUDE cuda_runtime_api.h PATHS "${_site}/nvidia/cu13/include" $ENV{CUDA_HOME}/include NO_DEFAULT_PATH)
find_file(LibTorch_CUDART_LIBRARY libcudart.so.13 PATHS "${_site}/nvidia/cu13/lib" $ENV{CUDA_HOME}/lib64 NO_DEFAULT_PATH)
find_path(LibTorch_NCCL_INCLUDE nccl.h PATHS "${_site}/nvidia/nccl/include" $ENV{CUDA_HOME}/include NO_DEFAULT_PATH)
find_file(LibTorch_NCCL_LIBRARY libnccl.so.2 PATHS "${_site}/nvidia/nccl/lib" $ENV{CUDA_HOME}/lib64 NO_DEFAULT_PATH)
set(LibTorch_CUDA_FOUND FALSE)
if(LibTorch_C10_CUDA_LIBRARY AND LibTorch_CUDART_INCLUDE AND LibTorch_CUDART_LIBRARY AND LibTorch_NCCL_INCLUDE
   AND LibTorch_NCCL_LIBRARY)
  set(LibTorch_CUDA_FOUND TRUE)
  _espalier_import(LibTorch::c10_cuda "${LibTorch_C10_CUDA_LIBRARY}")
  _espalier_import(LibTorch::cudart "${LibTorch_CUDART_LIBRARY}")
  _espalier_import(LibTorch::nccl "${LibTorch_NCCL_LIBRARY}")
  add_library(LibTorch::cuda INTERFACE IMPORTED)
  target_include_directories(LibTorch::cuda SYSTEM INTERFACE "${LibTorch_NCCL_INCLUDE}" "${LibTorch_CUDART_INCLUDE}")
  target_link_libraries(LibTorch::cuda INTERFACE LibTorch::c10 LibTorch::c10_cuda LibTorch::nccl LibTorch::cudart)
endif()
