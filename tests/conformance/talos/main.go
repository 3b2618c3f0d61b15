package main

import (
	_ "github.com/siderolabs/talos/pkg/machinery/config"
	_ "github.com/siderolabs/talos/pkg/machinery/config/config"
	_ "github.com/siderolabs/talos/pkg/machinery/config/configloader"
	_ "github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	_ "github.com/siderolabs/talos/pkg/machinery/config/encoder"
	_ "github.com/siderolabs/talos/pkg/machinery/config/generate"
	_ "github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	_ "github.com/siderolabs/talos/pkg/machinery/config/machine"
	_ "github.com/siderolabs/talos/pkg/machinery/config/validation"
	_ "gopkg.in/yaml.v3"
)

func main() {}
