#include "hub/api/reflection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "hub/api/fake_call_test.h"
#include "hub/api/health.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::api {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using Request = grpc::reflection::v1::ServerReflectionRequest;
using Response = grpc::reflection::v1::ServerReflectionResponse;

class ReflectionTest : public ::testing::TestWithParam<const char*>, protected Bench {
 protected:
  ReflectionTest() {
    refusal = absl::UnauthenticatedError("nobody is known here");
    health.Register(table);
    RegisterReflection(table);
  }
  Response Ask(const Request& request) {
    const auto call = Send(std::string("/grpc.reflection.") + GetParam() + ".ServerReflection/ServerReflectionInfo",
                           {request.SerializeAsString()});
    EXPECT_TRUE(call->WaitForStatus().ok());
    return call->Last<Response>();
  }
  static std::vector<std::string> FilesOf(const Response& response) {
    std::vector<std::string> names;
    for (const auto& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      names.push_back(file.name());
    }
    return names;
  }
  Health health;
};

TEST_P(ReflectionTest, ListsEveryRegisteredServiceItselfIncluded) {
  Request request;
  request.set_host("hub");
  request.set_list_services("*");
  const Response response = Ask(request);
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service()) names.push_back(service.name());
  EXPECT_THAT(names, ElementsAre("grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                                 "grpc.reflection.v1alpha.ServerReflection"));
  EXPECT_EQ(response.valid_host(), "hub");
  EXPECT_EQ(response.original_request().list_services(), "*");
}

TEST_P(ReflectionTest, FilesComeWithAllTheyImportEachOnce) {
  Request request;
  request.set_file_containing_symbol("zhanqiao.v1.LedgerService.GetEntry");
  EXPECT_THAT(FilesOf(Ask(request)), ElementsAre("zhanqiao/v1/ledger.proto", "zhanqiao/v1/record.proto"));
  request.set_file_by_filename("grpc/health/v1/health.proto");
  EXPECT_THAT(FilesOf(Ask(request)), ElementsAre("grpc/health/v1/health.proto"));
}

TEST_P(ReflectionTest, UnknownNamesAreErrorsWithinTheStream) {
  Request request;
  request.set_file_by_filename("nothing.proto");
  EXPECT_EQ(Ask(request).error_response().error_code(), 5);
  request.set_file_containing_symbol("no.such.Symbol");
  EXPECT_EQ(Ask(request).error_response().error_code(), 5);
  request.set_all_extension_numbers_of_type("no.such.Type");
  EXPECT_EQ(Ask(request).error_response().error_code(), 5);
  request.mutable_file_containing_extension()->set_containing_type("zhanqiao.v1.LedgerEntry");
  EXPECT_EQ(Ask(request).error_response().error_code(), 5);
  EXPECT_EQ(Ask(Request()).error_response().error_code(), 3);
}

TEST_P(ReflectionTest, ATypeWithoutExtensionsHasNone) {
  Request request;
  request.set_all_extension_numbers_of_type("zhanqiao.v1.LedgerEntry");
  const Response response = Ask(request);
  EXPECT_EQ(response.all_extension_numbers_response().base_type_name(), "zhanqiao.v1.LedgerEntry");
  EXPECT_EQ(response.all_extension_numbers_response().extension_number_size(), 0);
}

INSTANTIATE_TEST_SUITE_P(Versions, ReflectionTest, ::testing::Values("v1", "v1alpha"));

// Keeps the ledger's descriptors linked into this test.
[[maybe_unused]] const auto* const kLinked = v1::LedgerEntry::descriptor();

}  // namespace
}  // namespace zhanqiao::api
