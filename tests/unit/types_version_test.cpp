#include <catch2/catch.hpp>
#include <type_traits>

#include "compiler/types/version.h"

using namespace lab::types;

namespace {
Version version(std::string_view text) {
  const auto parsed = Version::parse(text);
  INFO(text);
  REQUIRE(parsed);
  return *parsed;
}
static_assert(std::is_trivially_copyable_v<Version>);
}  // namespace

TEST_CASE("versions keep their spelling", "[types]") {
  const Version k3s = version("v1.35.1-rc.1+k3s1");
  CHECK((k3s.major() == 1 && k3s.minor() == 35 && k3s.patch() == 1));
  CHECK(k3s.prerelease == "rc.1");
  CHECK(k3s.build == "k3s1");
  CHECK(k3s.spelling == "v1.35.1-rc.1+k3s1");
  CHECK(k3s.without_v() == "1.35.1-rc.1+k3s1");
  CHECK(k3s.with_v() == k3s.spelling);
  CHECK(version("1.13").with_v() == "v1.13");
  CHECK((version("1.13").has_minor() && !version("1.13").has_patch()));
  CHECK_FALSE(version("17").has_minor());
  CHECK(version("2025.12").minor() == 12);
  CHECK(version("82.2.0").has_patch());
  CHECK(version("4.0.16.2944").numbers[3] == 2944);
  CHECK(version("1.2.3-a-b").prerelease == "a-b");
  CHECK(version("1.2.3+a-b").build == "a-b");
  CHECK(version("1.2.3+a-b").prerelease.empty());
  for (const char* bad : {"", "v", "x", "latest", "1.", ".1", "1..2", "1.2.3.4.5", "1.2.3-", "1.2.3+",
                          "1.2.3-a..b", "1.2.3-.a", "1.2 ", "1.2.3-a_b", "99999999999", "1.x"}) {
    INFO(bad);
    REQUIRE_FALSE(Version::parse(bad));
    CHECK(Version::parse(bad).problem().suggestion.empty());
  }
  CHECK(Version::parse("V1.2").problem().suggestion == "v1.2");
  CHECK(Version::parse("=1.2").problem().suggestion == "v1.2");
}

TEST_CASE("versions have the order of semver", "[types]") {
  // The chain of https://semver.org §11, and what the lab adds around it.
  const char* ascending[] = {"0.9",
                             "1.0.0-alpha",
                             "1.0.0-alpha.1",
                             "1.0.0-alpha.beta",
                             "1.0.0-beta",
                             "1.0.0-beta.2",
                             "1.0.0-beta.11",
                             "1.0.0-rc.1",
                             "1.0.0",
                             "1.0.0.1",
                             "v1.0.1",
                             "v1.9",
                             "v1.10",
                             "1.10.1",
                             "17",
                             "82.2.0",
                             "2025.2",
                             "2025.12"};
  const int count = static_cast<int>(std::size(ascending));
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < count; ++j) {
      INFO(ascending[i] << " and " << ascending[j]);
      CHECK((version(ascending[i]) < version(ascending[j])) == (i < j));
      CHECK((version(ascending[i]) == version(ascending[j])) == (i == j));
    }
  }
  CHECK(version("v1.13") == version("1.13.0"));
  CHECK(version("v1.35.1+k3s1") == version("v1.35.1+k3s2"));
  CHECK(version("1.0.0-99999999999999999999") > version("1.0.0-99999999999999999998"));
  CHECK(version("1.0.0-007") < version("1.0.0-10"));
}
