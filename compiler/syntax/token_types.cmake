# cmake -DTOKENS=LabLexer.tokens -DOUTPUT=token_types.def -P token_types.cmake
# The grammar's token types as LAB_TOKEN(NAME, number): what is not ANTLR code needs them too.
file(STRINGS ${TOKENS} lines REGEX "^[A-Z_]+=[0-9]+$")
set(text "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE "^([A-Z_]+)=([0-9]+)$" "LAB_TOKEN(\\1, \\2)\n" line "${line}")
  string(APPEND text "${line}")
endforeach()
file(WRITE ${OUTPUT} "${text}")
