// Secrets: what stdlib/core/secrets.lab declares, field by field in its order.
#pragma once
#include "compiler/model/kinds.h"
#include "compiler/model/prop.h"

namespace lab::model {

/// Where the value of a secret comes from.
struct SecretSource {
  static constexpr std::string_view schema = "secret-source";
  Text tag;
  Origin at = 0;
  struct Password {
    Origin at = 0;
    Prop<std::int64_t> length;
    template <class V>
    static void fields(V&& v) {
      v("length", &Password::length);
    }
  };
  struct Hex {
    Origin at = 0;
    Prop<std::int64_t> bytes;
    template <class V>
    static void fields(V&& v) {
      v("bytes", &Hex::bytes);
    }
  };
  struct Base64 {
    Origin at = 0;
    Prop<std::int64_t> bytes;
    template <class V>
    static void fields(V&& v) {
      v("bytes", &Base64::bytes);
    }
  };
  struct Env {
    Origin at = 0;
    Prop<Text> variable;
    template <class V>
    static void fields(V&& v) {
      v("variable", &Env::variable);
    }
  };
  struct File {
    Origin at = 0;
    Prop<Text> path;
    template <class V>
    static void fields(V&& v) {
      v("path", &File::path);
    }
  };
  struct Command {
    Origin at = 0;
    List<Prop<Text>> argv;
    template <class V>
    static void fields(V&& v) {
      v("argv", &Command::argv);
    }
  };
  struct Remote {
    Origin at = 0;
    Prop<Text> path;
    template <class V>
    static void fields(V&& v) {
      v("path", &Remote::path);
    }
  };
  Opt<Password> password;
  Opt<Hex> hex;
  Opt<Base64> base64;
  Opt<Env> env;
  Opt<File> file;
  Opt<Command> command;
  Opt<Remote> remote;
  /// Words: given, uuid, ssh-key, wireguard-key.
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("password", &SecretSource::password);
    v("hex", &SecretSource::hex);
    v("base64", &SecretSource::base64);
    v("env", &SecretSource::env);
    v("file", &SecretSource::file);
    v("command", &SecretSource::command);
    v("remote", &SecretSource::remote);
  }
};

/// The value of a key: a source, another secret, or a public text.
struct SecretValue {
  static constexpr std::string_view schema = "secret-value";
  Text tag;
  Origin at = 0;
  struct Password {
    Origin at = 0;
    Prop<std::int64_t> length;
    template <class V>
    static void fields(V&& v) {
      v("length", &Password::length);
    }
  };
  struct Hex {
    Origin at = 0;
    Prop<std::int64_t> bytes;
    template <class V>
    static void fields(V&& v) {
      v("bytes", &Hex::bytes);
    }
  };
  struct Base64 {
    Origin at = 0;
    Prop<std::int64_t> bytes;
    template <class V>
    static void fields(V&& v) {
      v("bytes", &Base64::bytes);
    }
  };
  struct Env {
    Origin at = 0;
    Prop<Text> variable;
    template <class V>
    static void fields(V&& v) {
      v("variable", &Env::variable);
    }
  };
  struct File {
    Origin at = 0;
    Prop<Text> path;
    template <class V>
    static void fields(V&& v) {
      v("path", &File::path);
    }
  };
  struct Command {
    Origin at = 0;
    List<Prop<Text>> argv;
    template <class V>
    static void fields(V&& v) {
      v("argv", &Command::argv);
    }
  };
  struct Remote {
    Origin at = 0;
    Prop<Text> path;
    template <class V>
    static void fields(V&& v) {
      v("path", &Remote::path);
    }
  };
  Opt<Password> password;
  Opt<Hex> hex;
  Opt<Base64> base64;
  Opt<Env> env;
  Opt<File> file;
  Opt<Command> command;
  Opt<Remote> remote;
  /// A public text, or other secrets.
  Opt<MaybeSecret> value;
  /// Words: given, uuid, ssh-key, wireguard-key.
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("password", &SecretValue::password);
    v("hex", &SecretValue::hex);
    v("base64", &SecretValue::base64);
    v("env", &SecretValue::env);
    v("file", &SecretValue::file);
    v("command", &SecretValue::command);
    v("remote", &SecretValue::remote);
    v.scalar(&SecretValue::value);
  }
};

/// A value the source never has: `secret cf-token = given`. With a body it is one Kubernetes Secret of that
/// name and those keys in each namespace that reads it; a key may also be a public text or another key.
struct Secret : Named {
  static constexpr std::string_view kind = "secret";
  Opt<SecretSource> source;
  Map<Text> labels;
  Map<SecretValue> rest;
  template <class V>
  static void fields(V&& v) {
    v("source", &Secret::source);
    v("labels", &Secret::labels);
    v("rest", &Secret::rest);
  }
};

}  // namespace lab::model
