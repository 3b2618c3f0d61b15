"""The labs that are measured: the same machines and apps from loops, and as a person would write them out."""

HEAD = '''lab home {
  domain    = "example.net"
  operators = ["age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"]
  gitops    = argocd { repo = "https://git.example.net/home.git", path = "out/kubernetes" }
}
network lan {
  cidr     = 10.0.0.0/16
  gateway  = .1
  dns      = [1.1.1.1]
  range lb = .60-.80
}
router house on [lan] {}
host pve on lan {
  address = 10.0.0.10
  cores   = 4096
  memory  = 16384GiB
  proxmox { token = secret.pve-token }
  storage local-zfs { kind = zfspool, size = 400000GiB }
}
cluster home {
  distribution  = talos { version = v1.13.9 }
  kubernetes    = v1.35.4
  control-plane = [vm["node-1"]]
  workers       = [for i in 2..@NODES@: vm["node-${i}"]]
  schedule-on-control-plane = true
  pod-cidr      = 10.240.0.0/12
  admission     = none because "a benchmark"
  audit         = false because "a benchmark"
  cni = cilium { version = 1.19.1, gateway-api = true, operators = 1, announce = l2(lan.lb) }
}
argocd { version = 9.4.3 }
cert-manager { version = v1.19.3 }
secret pve-token = given
secret cloudflare { api-token = given }
let cf = cloudflare { token = secret.cloudflare.api-token }
issuer letsencrypt { email = "ops@${lab.domain}", dns01 = cf }
gateway front in kube-system { address = lan.lb[.60], domain = lab.domain, tls = letsencrypt }
zone public { domain = lab.domain, provider = cf }
record "*" in public = front
namespace apps
'''

NODE = '''vm "node-@I@" on pve {
  id     = @ID@
  cores  = 2
  memory = 4GiB
  disk os { size = 20GiB, storage = local-zfs }
  nic lan = @ADDRESS@
}
'''

APP = '''app "app-@I@" in apps {
  image = "registry.example.net/app:1.0.0"
  port http = 8080
  expose via front { auth = none because "a benchmark" }
}
'''


def fill(text, **values):
    for key, value in values.items():
        text = text.replace('@' + key + '@', str(value))
    return text


def address(i):
    return f'10.0.{1 + i // 256}.{i % 256}'


def loops(nodes, apps):
    node = fill(NODE, I='${i}', ID='1000 + i', ADDRESS='10.0.1.0 + i')
    return (fill(HEAD, NODES=nodes) + f'for i in 1..{nodes} {{\n{node}}}\n'
            + f'for i in 1..{apps} {{\n{fill(APP, I="${i}")}}}\n')


def literal(nodes, apps):
    return (fill(HEAD, NODES=nodes)
            + ''.join(fill(NODE, I=i, ID=1000 + i, ADDRESS=address(i)) for i in range(1, nodes + 1))
            + ''.join(fill(APP, I=i) for i in range(1, apps + 1)))
