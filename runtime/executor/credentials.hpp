#pragma once
// gRPC's credentials from ours. Without TLS only loopback is allowed, unless someone says `insecure`. Private
// to this folder.

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <optional>
#include <string>

#include "runtime/executor/address.hpp"
#include "runtime/executor/tls_identity.hpp"

namespace kerf {

// Error(kUsage) for another machine without TLS.
[[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> channel_credentials(
    const Address& address, const std::optional<TlsIdentity>& tls, bool insecure);
[[nodiscard]] std::shared_ptr<grpc::ServerCredentials> server_credentials(
    const Address& address, const std::optional<TlsIdentity>& tls, bool insecure);

}  // namespace kerf
