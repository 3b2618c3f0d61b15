# Warnings and third-party packages shared by every layer.
add_library(lab_options INTERFACE)
target_compile_options(lab_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
# GCC 12 sees overlaps that are not there in inlined string code (its bug 105651).
target_compile_options(lab_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
target_include_directories(lab_options INTERFACE ${PROJECT_SOURCE_DIR})

find_package(fmt REQUIRED)
if(LAB_STATIC)
  # Debian has no static library of fmt, and its header-only form is compiled again in every file.
  add_library(lab_fmt STATIC ${PROJECT_SOURCE_DIR}/cmake/fmt.cpp)
  set_target_properties(lab_fmt PROPERTIES CXX_CLANG_TIDY "")
  # As Debian's fmt says it, so that a compiler cache knows every other file from the release build.
  target_compile_definitions(lab_fmt INTERFACE FMT_SHARED)
else()
  add_library(lab_fmt INTERFACE)
  target_link_libraries(lab_fmt INTERFACE fmt::fmt)
endif()
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
add_library(lab_libcrypto INTERFACE)
if(LAB_STATIC)
  # Of labc alone: in labrun a second libcrypto would meet that of libcurl.
  find_library(LAB_LIBCRYPTO_ARCHIVE libcrypto.a REQUIRED)
  target_link_libraries(lab_libcrypto INTERFACE
    "$<IF:$<BOOL:$<TARGET_PROPERTY:LAB_STATIC>>,${LAB_LIBCRYPTO_ARCHIVE},OpenSSL::Crypto>")
else()
  target_link_libraries(lab_libcrypto INTERFACE OpenSSL::Crypto)
endif()
