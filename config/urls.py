"""URLs: Django's admin, the console, and the API for everything else."""

from django.contrib import admin
from django.urls import include, path

from api.form_throttle import limit_own_password, limit_reset, limit_sign_in, limit_writes
from console.account import account, change_password
from console.appeals import appeal, appeals
from console.assistant_demo import assistant_demo
from console.changes import change, changes
from console.decisions import decision, decisions
from console.guide import guide
from console.home import home, welcome
from console.mine import mine, mine_report, mine_statement
from console.policies import compared, policies, policy, policy_text
from console.publish import publish, standing_files
from console.queue import queue, queue_item
from console.reset import ask_for_reset, choose_password, reset_asked
from console.sign_in import sign_in, sign_out
from console.try_facts import choose_policy, try_facts
from console.try_text import try_text

handler400 = "api.error_handlers.bad_request"
handler403 = "api.error_handlers.forbidden"
handler404 = "api.error_handlers.not_found"
handler500 = "api.error_handlers.server_error"

# Rate limits belong to the API, which the console does not import; they are combined here.
console = [
    path("", home, name="home"),
    path("sign-in", limit_sign_in(sign_in), name="sign-in"),
    path("sign-out", sign_out, name="sign-out"),
    path("account", limit_writes(account), name="account"),
    path("account/password", limit_own_password(change_password), name="password"),
    path("reset", limit_reset(ask_for_reset), name="reset"),
    path("reset/asked", reset_asked, name="reset-asked"),
    path("reset/<uidb64>/<token>", limit_reset(choose_password), name="choose-password"),
    path("policies", policies, name="policies"),
    path("policies/<slug:name>", policy, name="policies-one"),
    path("policies/<slug:name>/compare", compared, name="policies-compare"),
    path("policies/<slug:name>/text", policy_text, name="policies-text"),
    path("decisions", decisions, name="decisions"),
    path("decisions/<int:decision_id>", decision, name="decisions-one"),
    path("changes", changes, name="changes"),
    path("changes/publish", limit_writes(publish), name="changes-publish"),
    path("changes/files", standing_files, name="changes-files"),
    path("changes/<int:number>", limit_writes(change), name="changes-one"),
    path("try", choose_policy, name="try"),
    path("try/<slug:name>", limit_writes(try_facts), name="try-one"),
    path("mine", mine, name="mine"),
    path("mine/decisions/<int:decision_id>", limit_writes(mine_statement), name="mine-statement"),
    path("mine/reports/<int:report_id>", limit_writes(mine_report), name="mine-report"),
    path("moderation/queue", limit_writes(queue), name="queue"),
    path("moderation/guide", guide, name="queue-guide"),
    path("moderation/appeals", appeals, name="appeals"),
    path("moderation/appeals/<int:appeal_id>", limit_writes(appeal), name="appeals-one"),
    path("moderation/queue/<int:item_id>", limit_writes(queue_item), name="queue-one"),
    path("moderation/try", limit_writes(try_text), name="moderation"),
]

urlpatterns = [
    path("", welcome),
    path("admin/login/", limit_sign_in(admin.site.login)),
    path(
        "admin/password_change/",
        limit_own_password(admin.site.admin_view(admin.site.password_change, cacheable=True)),
    ),
    path("admin/", admin.site.urls),
    path("console/", include((console, "console"))),
    path("assistant/demo", assistant_demo, name="assistant-demo"),
    path("", include("api.urls")),
]
