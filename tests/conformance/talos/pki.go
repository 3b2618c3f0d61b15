package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	talosx509 "github.com/siderolabs/crypto/x509"
	"go.yaml.in/yaml/v4"

	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

// loadBundle reads a decrypted bundle with Talos' own code and judges it more strictly than that does.
func loadBundle(path string, minor string) (*secrets.Bundle, error) {
	bundle, err := secrets.LoadBundle(path)
	if err != nil {
		return nil, err
	}
	contract, err := config.ParseContractFromVersion(minor)
	if err != nil {
		return nil, err
	}
	switch judged := any(bundle).(type) { // Validate takes the contract from 1.14 on
	case interface{ Validate() error }:
		err = judged.Validate()
	case interface {
		Validate(*config.VersionContract) error
	}:
		err = judged.Validate(contract)
	default:
		err = errors.New("Bundle.Validate is not there")
	}
	if err != nil {
		return nil, err
	}
	return bundle, judgeBundle(bundle)
}

func judgeBundle(bundle *secrets.Bundle) error {
	type make func(time.Time, *config.VersionContract) (*talosx509.CertificateAuthority, error)
	for name, authority := range map[string]struct {
		pair *talosx509.PEMEncodedCertificateAndKey
		make make
	}{
		"etcd": {bundle.Certs.Etcd, secrets.NewEtcdCA}, "k8s": {bundle.Certs.K8s, secrets.NewKubernetesCA},
		"k8saggregator": {bundle.Certs.K8sAggregator, secrets.NewAggregatorCA},
		"os": {bundle.Certs.OS, func(at time.Time, _ *config.VersionContract) (*talosx509.CertificateAuthority, error) {
			return secrets.NewTalosCA(at)
		}},
	} {
		if _, err := tls.X509KeyPair(authority.pair.Crt, pkcs8(authority.pair)); err != nil {
			return fmt.Errorf("certs.%s: %w", name, err)
		}
		ours, err := authority.pair.GetCert()
		if err != nil {
			return fmt.Errorf("certs.%s: %w", name, err)
		}
		made, err := authority.make(time.Now(), config.TalosVersionCurrent)
		if err != nil {
			return err
		}
		theirs := made.Crt
		if err := ours.CheckSignature(ours.SignatureAlgorithm, ours.RawTBSCertificate, ours.Signature); err != nil {
			return fmt.Errorf("certs.%s: not signed by its own key: %w", name, err)
		}
		if err := sameProfile(ours, theirs); err != nil {
			return fmt.Errorf("certs.%s: %w", name, err)
		}
		if len(ours.SubjectKeyId) != len(theirs.SubjectKeyId) {
			return fmt.Errorf("certs.%s: a subject key id of %d bytes", name, len(ours.SubjectKeyId))
		}
	}
	block, rest := pem.Decode(bundle.Certs.K8sServiceAccount.Key)
	if block == nil || block.Type != talosx509.PEMTypeRSAPrivate || len(rest) > 0 {
		return errors.New("certs.k8sserviceaccount: not one RSA PRIVATE KEY")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("certs.k8sserviceaccount: %w", err)
	}
	if key.N.BitLen() != 4096 {
		return fmt.Errorf("certs.k8sserviceaccount: %d bits", key.N.BitLen())
	}
	return nil
}

// pkcs8 gives an Ed25519 key the label that Go's crypto/tls reads.
func pkcs8(pair *talosx509.PEMEncodedCertificateAndKey) []byte {
	return bytes.ReplaceAll(pair.Key, []byte("ED25519 PRIVATE KEY"), []byte("PRIVATE KEY"))
}

// sameProfile: everything of a certificate but its key, serial, dates and signature is as Talos makes it, down to the
// order of extensions and the kinds of strings.
func sameProfile(ours, theirs *x509.Certificate) error {
	if !bytes.Equal(ours.RawSubject, theirs.RawSubject) {
		return fmt.Errorf("the subject is %s, Talos makes %s", ours.Subject, theirs.Subject)
	}
	if ours.SignatureAlgorithm != theirs.SignatureAlgorithm || ours.PublicKeyAlgorithm != theirs.PublicKeyAlgorithm {
		return fmt.Errorf("%s key signed by %s", ours.PublicKeyAlgorithm, ours.SignatureAlgorithm)
	}
	if a, b := ours.NotAfter.Sub(ours.NotBefore), theirs.NotAfter.Sub(theirs.NotBefore); a != b {
		return fmt.Errorf("valid for %s, Talos gives %s", a, b)
	}
	if ours.Version != theirs.Version || ours.SerialNumber.Sign() <= 0 || ours.SerialNumber.BitLen() > 128 {
		return errors.New("another version, or a serial number out of range")
	}
	return sameExtensions(ours.Extensions, theirs.Extensions)
}

func sameExtensions(ours, theirs []pkix.Extension) error {
	if len(ours) != len(theirs) {
		return fmt.Errorf("%d extensions, Talos makes %d", len(ours), len(theirs))
	}
	keyIDs := map[string]bool{"2.5.29.14": true, "2.5.29.35": true} // of subject and authority: random
	for i, theirsIs := range theirs {
		same := ours[i].Id.Equal(theirsIs.Id) && ours[i].Critical == theirsIs.Critical
		if !same || !keyIDs[theirsIs.Id.String()] && !bytes.Equal(ours[i].Value, theirsIs.Value) {
			return fmt.Errorf("extension %d is %s, Talos makes %s, or their values differ", i, ours[i].Id, theirsIs.Id)
		}
	}
	return nil
}

// kubeconfig is what judgeKubeconfig reads; KnownFields refuses anything else.
type kubeconfig struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Clusters   []struct {
		Name    string `yaml:"name"`
		Cluster struct {
			Server string `yaml:"server"`
			CA     string `yaml:"certificate-authority-data"`
		} `yaml:"cluster"`
	} `yaml:"clusters"`
	Users []struct {
		Name string `yaml:"name"`
		User struct {
			Crt string `yaml:"client-certificate-data"`
			Key string `yaml:"client-key-data"`
		} `yaml:"user"`
	} `yaml:"users"`
	Contexts []struct {
		Name    string `yaml:"name"`
		Context struct {
			Cluster   string `yaml:"cluster"`
			Namespace string `yaml:"namespace"`
			User      string `yaml:"user"`
		} `yaml:"context"`
	} `yaml:"contexts"`
	Current string `yaml:"current-context"`
}

// judgeKubeconfig: the file that Talos' own generator makes (pkg/kubeconfig/generate.go), with a client that the
// cluster's API lets in.
func judgeKubeconfig(content []byte, cluster, endpoint string, bundle *secrets.Bundle) error {
	var file kubeconfig
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return err
	}
	if file.APIVersion != "v1" || file.Kind != "Config" || len(file.Clusters) != 1 || len(file.Users) != 1 || len(file.Contexts) != 1 {
		return errors.New("not one cluster, user and context of a v1 Config")
	}
	got := []string{file.Clusters[0].Name, file.Clusters[0].Cluster.Server, file.Users[0].Name, file.Contexts[0].Name,
		file.Contexts[0].Context.Cluster, file.Contexts[0].Context.Namespace, file.Contexts[0].Context.User, file.Current}
	admin := "admin@" + cluster
	if want := []string{cluster, endpoint, admin, admin, cluster, "default", admin, admin}; !reflect.DeepEqual(got, want) {
		return fmt.Errorf("it says %q, Talos' generator %q", got, want)
	}
	theirs, err := newKeyPair(bundle.Certs.K8s, talosx509.CommonName("admin"), talosx509.Organization("system:masters"),
		talosx509.NotBefore(time.Now().Add(-10*time.Second)), talosx509.NotAfter(time.Now().Add(8760*time.Hour)),
		talosx509.KeyUsage(x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment),
		talosx509.ExtKeyUsage([]x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}))
	if err != nil {
		return err
	}
	user := file.Users[0].User
	return judgeClient(user.Crt, user.Key, file.Clusters[0].Cluster.CA, bundle.Certs.K8s, theirs)
}

// judgeTalosconfig: the file that `talosctl gen config` makes, with a client that the nodes' API lets in. `nodes` are
// the names and addresses of each control plane.
func judgeTalosconfig(content []byte, cluster string, nodes [][]string, bundle *secrets.Bundle) error {
	file, err := clientconfig.FromBytes(content)
	if err != nil {
		return err
	}
	context := file.Contexts[file.Context]
	if file.Context != cluster || len(file.Contexts) != 1 || context == nil {
		return fmt.Errorf("the context is %q", file.Context)
	}
	if len(context.Endpoints) != len(nodes) {
		return fmt.Errorf("the endpoints are %q for a control plane of %d", context.Endpoints, len(nodes))
	}
	for i, names := range nodes {
		if !slices.Contains(names, context.Endpoints[i]) {
			return fmt.Errorf("endpoint %s is not one of %q", context.Endpoints[i], names)
		}
	}
	bundle.Clock = secrets.NewFixedClock(time.Now())
	theirs, err := bundle.GenerateTalosAPIClientCertificate(role.MakeSet(role.Admin))
	if err != nil {
		return err
	}
	return judgeClient(context.Crt, context.Key, context.CA, bundle.Certs.OS, theirs)
}

func newKeyPair(ca *talosx509.PEMEncodedCertificateAndKey, options ...talosx509.Option) (*talosx509.PEMEncodedCertificateAndKey, error) {
	authority, err := talosx509.NewCertificateAuthorityFromCertificateAndKey(ca)
	if err != nil {
		return nil, err
	}
	pair, err := talosx509.NewKeyPair(authority, options...)
	if err != nil {
		return nil, err
	}
	return talosx509.NewCertificateAndKeyFromKeyPair(pair), nil
}

// judgeClient: a client's certificate, key and authority, each base64 of PEM, against the bundle's authority and a
// client that Talos' code makes with it.
func judgeClient(crt, key, ca string, authority, theirs *talosx509.PEMEncodedCertificateAndKey) error {
	pair := &talosx509.PEMEncodedCertificateAndKey{}
	var err error
	if pair.Crt, err = base64.StdEncoding.DecodeString(crt); err != nil {
		return err
	}
	if pair.Key, err = base64.StdEncoding.DecodeString(key); err != nil {
		return err
	}
	caPEM, err := base64.StdEncoding.DecodeString(ca)
	if err != nil {
		return err
	}
	if !bytes.Equal(caPEM, authority.Crt) {
		return errors.New("the authority is not the bundle's")
	}
	ours, err := pair.GetCert()
	if err != nil {
		return err
	}
	reference, err := theirs.GetCert()
	if err != nil {
		return err
	}
	if err := sameProfile(ours, reference); err != nil {
		return err
	}
	client, err := tls.X509KeyPair(pair.Crt, pkcs8(pair))
	if err != nil {
		return err
	}
	if err := handshake(client, authority, authority); err != nil {
		return fmt.Errorf("TLS handshake: %w", err)
	}
	// The same handshake with a server of another authority must fail, or it would show nothing.
	other, err := otherAuthority(authority)
	if err != nil {
		return err
	}
	if handshake(client, authority, other) == nil {
		return errors.New("a server that trusts another authority let the client in")
	}
	return nil
}

func otherAuthority(like *talosx509.PEMEncodedCertificateAndKey) (*talosx509.PEMEncodedCertificateAndKey, error) {
	certificate, err := like.GetCert()
	if err != nil {
		return nil, err
	}
	made, err := talosx509.NewSelfSignedCertificateAuthority(
		talosx509.ECDSA(certificate.PublicKeyAlgorithm == x509.ECDSA), talosx509.Organization("other"),
		talosx509.NotAfter(time.Now().Add(time.Hour)))
	if err != nil {
		return nil, err
	}
	return &talosx509.PEMEncodedCertificateAndKey{Crt: made.CrtPEM, Key: made.KeyPEM}, nil
}

// handshake connects over loopback to a server whose certificate is of `server` and that lets in clients of `clients`.
func handshake(client tls.Certificate, server, clients *talosx509.PEMEncodedCertificateAndKey) error {
	loopback := net.IPv4(127, 0, 0, 1)
	identity, err := newKeyPair(server, talosx509.Organization("server"), talosx509.IPAddresses([]net.IP{loopback}),
		talosx509.NotAfter(time.Now().Add(time.Hour)), talosx509.KeyUsage(x509.KeyUsageDigitalSignature),
		talosx509.ExtKeyUsage([]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}))
	if err != nil {
		return err
	}
	own, err := tls.X509KeyPair(identity.Crt, pkcs8(identity))
	if err != nil {
		return err
	}
	roots, trusted := x509.NewCertPool(), x509.NewCertPool()
	roots.AppendCertsFromPEM(server.Crt)
	trusted.AppendCertsFromPEM(clients.Crt)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{own},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted, MinVersion: tls.VersionTLS13})
	if err != nil {
		return err
	}
	defer listener.Close()
	accepted := make(chan error, 1)
	go func() {
		connection, err := listener.Accept()
		if err == nil {
			err = connection.(*tls.Conn).Handshake()
			connection.Close()
		}
		accepted <- err
	}()
	connection, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{RootCAs: roots,
		Certificates: []tls.Certificate{client}, MinVersion: tls.VersionTLS13})
	if err != nil {
		return err
	}
	defer connection.Close()
	return <-accepted // in TLS 1.3 a client learns of its refusal only later
}

// decrypted is where the run has put the plaintext of a `….sops.yaml` of the tree; in memory only (see run).
func decrypted(plain, tree, file string) string {
	return filepath.Join(plain, mustRel(tree, file))
}
