#include "runtime/executor/credentials.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace kerf {
namespace {

constexpr const char* kHint =
    "give --tls-cert, --tls-key and --tls-ca; --insecure goes without, unencrypted and for everybody";

}  // namespace

std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const Address& address,
                                                              const std::optional<TlsIdentity>& tls,
                                                              bool insecure) {
  if (tls) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = tls->authority;
    options.pem_private_key = tls->key;
    options.pem_cert_chain = tls->certificate;
    return grpc::SslCredentials(options);
  }
  if (!address.is_loopback() && !insecure) {
    throw Error(ErrorCode::kUsage, address.text(), "is another machine, and there is no TLS",
                "a loopback address such as 127.0.0.1:8470, or TLS", kHint);
  }
  return grpc::InsecureChannelCredentials();
}

std::shared_ptr<grpc::ServerCredentials> server_credentials(const Address& address,
                                                            const std::optional<TlsIdentity>& tls,
                                                            bool insecure) {
  if (tls) {
    grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = tls->authority;
    options.pem_key_cert_pairs.push_back({tls->key, tls->certificate});
    return grpc::SslServerCredentials(options);
  }
  if (!address.is_loopback() && !insecure) {
    throw Error(ErrorCode::kUsage, "--listen",
                fmt::format("{} is open to other machines, and there is no TLS", address.text()),
                "a loopback address such as 127.0.0.1:8470, or TLS", kHint);
  }
  return grpc::InsecureServerCredentials();
}

}  // namespace kerf
