#include "hub/oversight/reports/mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::oversight {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A mail server of its own program (smtp_sink.py) for the time of a test.
class Sink {
 public:
  Sink() {
    int in[2];
    int out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      for (const int end : {in[0], in[1], out[0], out[1]}) ::close(end);
      ::execl("/usr/bin/python3", "python3", SMTP_SINK, nullptr);
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    input_ = in[1];
    output_ = ::fdopen(out[0], "r");
    port_ = Line();
  }
  ~Sink() {
    ::close(input_);  // it ends by that
    std::fclose(output_);
    ::waitpid(pid_, nullptr, 0);
  }
  // The next line it prints.
  std::string Line() {
    char buffer[65536] = "";
    if (std::fgets(buffer, sizeof buffer, output_) == nullptr) return "";
    std::string line = buffer;
    while (line.ends_with('\n')) line.pop_back();
    return line;
  }
  std::string url() const { return absl::StrCat("smtp://127.0.0.1:", port_); }

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  FILE* output_ = nullptr;
  std::string port_;
};

class MailTest : public ::testing::Test {
 protected:
  std::unique_ptr<SmtpMailer> MailerTo(const std::string& url, bool require_tls = false) {
    return SmtpMailer::Create({.url = url, .require_tls = require_tls, .ca = "", .from = "hub@qingdao.example", .user = "",
                               .password = "", .timeout = absl::Seconds(20)},
                              clock_, random_)
        .value();
  }
  static Mail Reminder() {
    return {{"gaj@qingdao.example", "second@qingdao.example"}, "【提醒】2018-06 政务信息系统整合共享月报待报送，请及时核对并报送", "请于 2018-06-30 前报送。\n.\nEnd.\n"};
  }
  const SimulatedClock clock_{absl::FromUnixSeconds(1530000000)};
  SeededRandom random_{1};
};

TEST_F(MailTest, AMailArrivesAtARealServerAsItWasWritten) {
  Sink sink;
  const absl::Status sent = MailerTo(sink.url())->Send(Reminder());
  ASSERT_TRUE(sent.ok()) << sent << FactOf(sent, "cause");
  const std::string mail = sink.Line();
  EXPECT_THAT(mail, HasSubstr("\"from\": \"hub@qingdao.example\""));
  EXPECT_THAT(mail, HasSubstr("[\"gaj@qingdao.example\", \"second@qingdao.example\"]"));
  EXPECT_THAT(mail, HasSubstr("\"subject\": \"" + Reminder().subject + "\""));
  EXPECT_THAT(mail, HasSubstr("请于 2018-06-30 前报送。\\n.\\nEnd.\\n"));
  EXPECT_THAT(mail, HasSubstr("Tue, 26 Jun 2018 16:00:00 +0800"));
}

TEST_F(MailTest, ARefusedRecipientIsToldWithTheServersWords) {
  Sink sink;
  Mail mail = Reminder();
  mail.to = {"nobody@qingdao.example"};
  const absl::Status sent = MailerTo(sink.url())->Send(mail);
  EXPECT_EQ(ReasonOf(sent), "MAIL_NOT_TAKEN");
  EXPECT_THAT(FactOf(sent, "cause"), HasSubstr("550"));
}

TEST_F(MailTest, ARelayWithoutTlsIsRefusedWhereTlsIsRequired) {
  Sink sink;
  EXPECT_EQ(ReasonOf(MailerTo(sink.url(), true)->Send(Reminder())), "MAIL_NOT_TAKEN");
}

TEST_F(MailTest, ARelayThatIsNotThereIsAnErrorAndNoWait) {
  EXPECT_EQ(ReasonOf(MailerTo("smtp://127.0.0.1:9")->Send(Reminder())), "MAIL_NOT_TAKEN");
}

TEST_F(MailTest, AnAddressCannotCarryASecondHeaderOrRecipient) {
  for (const char* address : {"a@b\r\nBcc: c@d", "a b@c", "@b", "a@", "a@b>,<c@d", "用户@例.example", ""}) {
    EXPECT_FALSE(IsMailAddress(address)) << address;
    Mail mail = Reminder();
    mail.to = {address};
    EXPECT_EQ(ReasonOf(MailerTo("smtp://127.0.0.1:9")->Send(mail)), "MAIL_ADDRESS") << address;
  }
}

TEST_F(MailTest, ASubjectIsOneHeaderWhateverStandsInIt) {
  Mail mail = Reminder();
  mail.subject = "a\r\nBcc: victim@example.com";
  const std::string composed = Compose(mail, "hub@qingdao.example", clock_.Now(), "1");
  EXPECT_THAT(composed, Not(HasSubstr("Bcc")));
}

TEST_F(MailTest, ContactsNameTheWrongCell) {
  EXPECT_EQ(ReadContacts("code,address\n370200-GAJ,a@b.example\n370200-GAJ,c@b.example\n").value().at("organizations/370200-GAJ").size(), 2u);
  const absl::Status wrong = ReadContacts("code,address\n370200-GAJ,a b\n").status();
  EXPECT_EQ(ReasonOf(wrong), "CONTACTS_INVALID");
  EXPECT_EQ(FactOf(wrong, "row"), "2");
  EXPECT_EQ(FactOf(wrong, "column"), "address");
}

}  // namespace
}  // namespace zhanqiao::oversight
