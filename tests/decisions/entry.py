"""A small policy to break in many ways."""

ENTRY = """\
policy: entry
version: 1
effective_from: 2026-01-01T00:00:00Z
summary: Members may come in.
facts:
  member: bool
  name: {type: string, private: true}
outcomes: [allow, deny]
on_error: deny
rules:
  - id: members
    when: member
    then: allow
    message: Come in.
otherwise: {id: strangers, then: deny, message: Members only.}
"""
