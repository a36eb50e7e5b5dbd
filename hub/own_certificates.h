// When the hub's own certificates end, and those of the authorities it trusts, as their files say now.
#pragma once

#include <vector>

#include "hub/config.h"
#include "zhanqiao/v1/administration.pb.h"

namespace zhanqiao {

// Of every TLS listener, each file once, those that end first before the others. What cannot be read is left out: a listener
// does not start without it, and a renewed file that is broken is refused when it is reloaded.
std::vector<v1::OwnCertificate> OwnCertificates(const std::vector<ListenerConfig>& listeners);

}  // namespace zhanqiao
