# What the office keeps: reports, duties, evaluations, project filings, alarms. Each part has its list of files.
set(FACT_SOURCES facts/month.cc facts/duty_bodies.cc facts/exchanges.cc facts/report_figures.cc facts/document_entry.cc
    facts/exported_facts.cc)
set(REPORT_SOURCES reports/report_rules.cc reports/punctuality.cc reports/report_reads.cc reports/report_moves.cc
    reports/report_files.cc reports/figure_text.cc reports/report_workbook.cc reports/report_page.cc reports/public_report.cc reports/printer.cc
    reports/version_export.cc reports/mail.cc reports/reminders.cc)
set(TASK_SOURCES tasks/task_table.cc tasks/duty_progress.cc tasks/task_service.cc tasks/criticisms.cc)
set(EVALUATION_SOURCES evaluation/formula.cc evaluation/scores.cc evaluation/evaluation_service.cc)
set(PROJECT_SOURCES projects/project_gate.cc projects/project_service.cc)
set(ALARM_SOURCES alarms/alarm_rules.cc alarms/alarm_service.cc)
set(OFFICE_SOURCES ${FACT_SOURCES} ${REPORT_SOURCES} ${TASK_SOURCES} ${EVALUATION_SOURCES} ${PROJECT_SOURCES} ${ALARM_SOURCES} office.cc)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode)
set(OFFICE_LIBRARIES zhanqiao_sheets PkgConfig::CURL PkgConfig::QRENCODE)
set(OFFICE_TESTS reports/report_service_test.cc reports/mail_test.cc reports/report_page_test.cc reports/public_report_test.cc facts/exported_facts_test.cc facts/report_recount_test.cc
    tasks/task_service_test.cc evaluation/evaluation_test.cc projects/project_service_test.cc alarms/alarm_test.cc)
