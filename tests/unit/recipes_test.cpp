// How values come to be, against what their readers demand.
#include "crypto/recipes/recipes.h"

#include <crypt.h>
#include <sodium.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <set>

#include "crypto/encoding.h"

using namespace lab::crypto;

TEST_CASE("generated values have their form and are never the same twice") {
  for (const char* recipe : {"password", "hex", "base64", "uuid", "ssh-key", "wireguard-key"}) {
    const auto a = recipes::generate(recipe, 32), b = recipes::generate(recipe, 32);
    REQUIRE(a);
    CHECK_FALSE(a->same_as(*b));
  }
  CHECK_FALSE(recipes::generate("no-such", 1));
  const SecretBytes password = recipes::password(4000);
  CHECK(password.size() == 4000);
  std::set<char> seen;
  for (const char c : password.expose_text()) {
    CHECK(std::isalnum(static_cast<unsigned char>(c)) != 0);
    seen.insert(c);
  }
  CHECK(seen.size() == 62);
  CHECK(recipes::hex(16).size() == 32);
  CHECK(from_base64(recipes::base64(16).expose_text())->size() == 16);
  const SecretBytes uuid = recipes::uuid();
  CHECK(uuid.size() == 36);
  CHECK(uuid.expose_text()[14] == '4');
  CHECK(std::string_view("89ab").find(uuid.expose_text()[19]) != std::string_view::npos);
  const auto scalar = from_base64(recipes::wireguard_key().expose_text());
  REQUIRE(scalar);
  CHECK((std::to_integer<int>(scalar->expose()[0]) & 7) == 0);
  CHECK((std::to_integer<int>(scalar->expose()[31]) & 0xc0) == 0x40);
}

TEST_CASE("derived values are the same again") {
  const Entropy seed(SecretBytes::copy_text(std::string(32, 's')));
  CHECK(recipes::password(40, seed).same_as(recipes::password(40, seed)));
  CHECK(recipes::ssh_key(seed).same_as(recipes::ssh_key(seed)));
}

TEST_CASE("an SSH key is one of openssh-key-v1 and gives its public half") {
  const SecretBytes key = recipes::ssh_key();
  CHECK(key.expose_text().starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA"));
  const std::string open = recipes::ssh_public_key(key.expose_text());
  CHECK(open.starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"));
  CHECK(open.size() == 12 + 68);
  CHECK(recipes::ssh_public_key("no key").empty());
}

TEST_CASE("digests are what their readers verify") {
  const SecretBytes password = SecretBytes::copy_text("insecure_secret");
  // The example of Authelia's documentation.
  const auto salt = from_base64("c8p78n7pUMln0jzvd4aK4Q", Base64::unpadded);
  REQUIRE(salt);
  CHECK(recipes::pbkdf2_sha512(password, *salt)
            .expose_text()
            .starts_with("$pbkdf2-sha512$310000$c8p78n7pUMln0jzvd4aK4Q$JNRBzwAo0ek5qKn50cFzzvE9"));
  const SecretBytes argon = recipes::argon2id(password, *salt);
  CHECK(crypto_pwhash_str_verify(std::string(argon.expose_text()).c_str(), "insecure_secret", 15) == 0);
  CHECK(crypto_pwhash_str_verify(std::string(argon.expose_text()).c_str(), "another_secret_", 15) != 0);
  const auto bcrypt = recipes::bcrypt(password, *salt);
  REQUIRE(bcrypt);
  const std::string text(bcrypt->expose_text());
  CHECK(text.starts_with("$2b$12$"));
  CHECK(text == crypt("insecure_secret", text.c_str()));
  CHECK_FALSE(recipes::bcrypt(SecretBytes::copy_text(std::string(73, 'x')), *salt));
}
