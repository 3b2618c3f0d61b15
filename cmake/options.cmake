# Warnings and third-party packages shared by every layer.
add_library(lab_options INTERFACE)
target_compile_options(lab_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
# GCC 12 sees overlaps that are not there in inlined string code (its bug 105651).
target_compile_options(lab_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
target_include_directories(lab_options INTERFACE ${PROJECT_SOURCE_DIR})

find_package(fmt REQUIRED)
# Debian has no static library of fmt, and its header-only target names /usr/include, which breaks <cstdlib>.
add_library(lab_fmt INTERFACE)
if(LAB_STATIC)
  target_compile_definitions(lab_fmt INTERFACE FMT_HEADER_ONLY=1)
else()
  target_link_libraries(lab_fmt INTERFACE fmt::fmt)
endif()
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)
if(LAB_STATIC)
  set(OPENSSL_USE_STATIC_LIBS ON)
endif()
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
