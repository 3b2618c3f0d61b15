// What is known of charts by their names, for every backend that installs or orders them.
#pragma once
#include <algorithm>
#include <array>
#include <string_view>

namespace lab::lower {

/// The last part of a chart's name: `oci://quay.io/jetstack/charts/cert-manager` is `cert-manager`.
[[nodiscard]] inline std::string_view chart_name(std::string_view chart) {
  return chart.substr(chart.rfind('/') + 1);
}

/// Without it no pod gets an address.
[[nodiscard]] inline bool is_network_chart(std::string_view chart) {
  constexpr std::array<std::string_view, 1> networks = {"cilium"};
  return std::ranges::find(networks, chart_name(chart)) != networks.end();
}

/// Brings custom resource definitions and no pods.
[[nodiscard]] inline bool is_definitions_chart(std::string_view chart) {
  return chart_name(chart).ends_with("-crds");
}

/// Argo CD itself.
[[nodiscard]] inline bool is_argocd_chart(std::string_view chart) {
  return chart_name(chart) == "argo-cd";
}

}  // namespace lab::lower
