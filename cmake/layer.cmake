# lab_layer(NAME SOURCES … USES …): one static library a folder below compiler/.
# USES names the layers below it; they are public, because headers of a layer mention their types.
# Which layer may use which is the table in docs/architecture.md, held by tests/layers.
function(lab_layer name)
  cmake_parse_arguments(LAYER "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(lab_${name} STATIC ${LAYER_SOURCES})
  add_library(lab::${name} ALIAS lab_${name})
  target_link_libraries(lab_${name} PRIVATE lab_options ${LAYER_PRIVATE})
  target_include_directories(lab_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(lab_${name} PUBLIC lab_fmt)
  foreach(used IN LISTS LAYER_USES)
    target_link_libraries(lab_${name} PUBLIC lab::${used})
  endforeach()
endfunction()
