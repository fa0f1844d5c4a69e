#pragma once
// Who a host is, and whom it believes: the content of three PEM files. With it a connection is encrypted and
// both ends show a certificate that the other's authority has signed; a server's must name the host by which
// it was called.

#include <string>

namespace kerf {

struct TlsIdentity {
  std::string certificate;  // of this host
  std::string key;          // the certificate's private key
  std::string authority;    // who signs the certificates that this host believes
};

}  // namespace kerf
