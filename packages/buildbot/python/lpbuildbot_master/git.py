"""What every git command of ours runs with, on the master and on the workers."""

# `ext::` and its like run commands, a prompt would hang for ever, and so would a dead HTTP connection.
ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",
    "GIT_HTTP_LOW_SPEED_TIME": "300",
}
