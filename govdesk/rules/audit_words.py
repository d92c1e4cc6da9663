"""What stands in the audit beside the actions of `rules.access`; each has a word in ``locales/*/audit.toml``."""

#: What is noted without being an action of an account: reading, files, doors, and the trail itself.
NOTED = (
    "read_page", "export", "open_page", "open_address", "audit_gap", "sign_in", "sign_out", "open_session", "pass_gate",
    "change_password", "change_own_password", "set_widget", "upload_file",
)

#: What an entry can be about: tables, pages that are noted, and the doors.
SUBJECTS = (
    "access", "accounts", "audit_blocks", "audit_events", "audit_log", "backups", "brief", "brief_edits", "calls",
    "capacities", "context_layers", "duplicate_verdicts", "early_warning", "escalation_events", "gate",
    "grid_vacancies", "group_adoptions", "handover_notes", "handovers", "import_batches", "import_profiles",
    "incidents", "intake_sources", "map", "mediation_sessions", "mediations", "model_card", "nil_returns", "page",
    "passwords", "photos", "place_aliases", "place_changes", "places", "posts", "returned_workbook", "revisits",
    "risk_backtests", "risk_classifiers", "risk_objections", "risk_runs", "setting_changes", "sign_ins",
    "source_changes", "steps", "threshold_adoptions", "units", "uploads", "visit_orders", "visits", "wall_pins",
    "webhook_deliveries", "webhooks", "weekly_counts", "works_projects",
)
