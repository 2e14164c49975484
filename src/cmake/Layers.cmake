# THE table of folders: who may include whom. Everything else follows from it: include paths, link closures of the
# tests, and the check of includes (tests/architecture).
#   folder : folders it may include, closure taken : outside libraries
set(ESPALIER_LAYERS
  "core::fmt::fmt spdlog::spdlog nlohmann_json::nlohmann_json OpenSSL::Crypto PkgConfig::deflate Threads::Threads"
  "config:core:PkgConfig::yaml_cpp"
  "image:core:JPEG::JPEG PNG::PNG PkgConfig::hwy"
  "shards:image:PkgConfig::hdf5"
  "pack:shards image:PkgConfig::turbojpeg LibArchive::LibArchive ZLIB::ZLIB"
  "data:shards image config:"
  "leaks:data pack:"
  "augment:image config:"
  "comm:core:MPI::MPI_C dl"
  "statistics:core:"
  "report:statistics:"
  "tensor:image:LibTorch::cpu"
  "model:tensor config:"
  "optim:tensor config:"
  "sync:comm tensor:"
  "pretext:model augment sync:"
  "engine:pretext optim sync data:"
  "train:engine report:"
  "transfer:engine report leaks:"
  "layers:train transfer:"
  "bench:pack train:"
  "app:core config image shards pack data augment comm statistics report tensor model optim sync pretext engine train transfer leaks layers bench:CLI11::CLI11"
)

foreach(row IN LISTS ESPALIER_LAYERS)
  string(REGEX MATCH "^([a-z]+):([^:]*):(.*)$" _ "${row}")
  set(name ${CMAKE_MATCH_1})
  string(REPLACE " " ";" direct "${CMAKE_MATCH_2}")
  string(REPLACE " " ";" ESPALIER_${name}_libraries "${CMAKE_MATCH_3}")
  set(closure ${name})
  foreach(dependency IN LISTS direct)
    list(APPEND closure ${ESPALIER_${dependency}_closure})
  endforeach()
  list(REMOVE_DUPLICATES closure)
  set(ESPALIER_${name}_closure ${closure})
  list(APPEND ESPALIER_LAYER_NAMES ${name})
endforeach()

# One empty source owns the precompiled header of every folder that sees torch.
file(WRITE ${PROJECT_BINARY_DIR}/pch.cpp.in "")
configure_file(${PROJECT_BINARY_DIR}/pch.cpp.in ${PROJECT_BINARY_DIR}/pch.cpp COPYONLY)
add_library(espalier_pch OBJECT ${PROJECT_BINARY_DIR}/pch.cpp)
target_link_libraries(espalier_pch PRIVATE espalier_flags LibTorch::cpu)
target_precompile_headers(espalier_pch PRIVATE <torch/torch.h>)

# Gives a target the includes, libraries and precompiled header of a folder's closure.
function(espalier_use_layer target name)
  target_link_libraries(${target} PRIVATE espalier_flags)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/generated)
  foreach(layer IN LISTS ESPALIER_${name}_closure)
    target_link_libraries(${target} PRIVATE ${ESPALIER_${layer}_libraries})
  endforeach()
  if("tensor" IN_LIST ESPALIER_${name}_closure)
    target_precompile_headers(${target} REUSE_FROM espalier_pch)
  endif()
endfunction()

# The objects of a folder's closure: what a program made of that folder links, so that every plug-in registers.
function(espalier_link_layer target name)
  espalier_use_layer(${target} ${name})
  foreach(layer IN LISTS ESPALIER_${name}_closure)
    target_link_libraries(${target} PRIVATE espalier_${layer})
  endforeach()
  # An executable is compiled like the precompiled header, as position-independent code.
  get_target_property(type ${target} TYPE)
  if(type STREQUAL EXECUTABLE)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()
