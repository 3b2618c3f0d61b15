# lab_embed(TARGET NAME FOLDER GLOB…): builds the text files below FOLDER that match into TARGET, as
#   std::span<const lab::source::Embedded> lab::embedded::NAME();
# sorted by path. Adding, changing or removing a file rebuilds the table. Run as a script (with
# LAB_EMBED_OUT) this same file writes the C++.
if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  file(STRINGS ${LAB_EMBED_LIST} files)
  set(text "#include \"compiler/source/embedded.h\"\n\nnamespace lab::embedded {\nnamespace {\n\n")
  string(APPEND text "using namespace std::string_view_literals;\n")
  string(APPEND text "constexpr source::Embedded files[] = {\n    {\"\", \"\"},\n")
  file(WRITE ${LAB_EMBED_OUT} "${text}")
  foreach(file IN LISTS files)
    file(READ ${LAB_EMBED_FOLDER}/${file} body)
    file(APPEND ${LAB_EMBED_OUT} "    {\"${file}\"sv, R\"lab~embed(${body})lab~embed\"sv},\n")
  endforeach()
  file(APPEND ${LAB_EMBED_OUT} "};\n\n}  // namespace\n\nstd::span<const source::Embedded> ${LAB_EMBED_NAME}();\n"
    "std::span<const source::Embedded> ${LAB_EMBED_NAME}() { return std::span(files).subspan(1); }\n\n"
    "}  // namespace lab::embedded\n")
  return()
endif()

set(LAB_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(lab_embed target name folder)
  list(TRANSFORM ARGN PREPEND "${folder}/" OUTPUT_VARIABLE patterns)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${folder} ${patterns})
  list(SORT files)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cpp)
  set(list ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.txt)
  string(REPLACE ";" "\n" lines "${files}")
  file(CONFIGURE OUTPUT ${list} CONTENT "${lines}\n" @ONLY)
  list(TRANSFORM files PREPEND "${folder}/")
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -D LAB_EMBED_LIST=${list} -D LAB_EMBED_FOLDER=${folder} -D LAB_EMBED_NAME=${name}
      -D LAB_EMBED_OUT=${out} -P ${LAB_EMBED_SCRIPT}
    DEPENDS ${files} ${list} ${LAB_EMBED_SCRIPT}
    COMMENT "Embedding ${name}" VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
