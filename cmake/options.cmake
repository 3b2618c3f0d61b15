# Warnings and third-party packages shared by every layer.
add_library(lab_options INTERFACE)
target_compile_options(lab_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
target_include_directories(lab_options INTERFACE ${PROJECT_SOURCE_DIR})

find_package(fmt REQUIRED)
# Debian has no static library of fmt.
set(LAB_FMT fmt::fmt)
if(LAB_STATIC)
  set(LAB_FMT fmt::fmt-header-only)
endif()
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)
