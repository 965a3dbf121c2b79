# Runs `{{ program.name }}`, which has values that supervisord's configuration cannot hold.
cd -- {{ program.directory | shell_word }} || exit 127
unset PWD OLDPWD SHLVL
{% for name, value in exported %}
export {{ name }}={{ value | shell_word }}
{% endfor %}
exec {{ argv | shell_words }}
