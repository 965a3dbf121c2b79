import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indexes", "0001_initial")]

    operations = [
        migrations.AddField("Account", "email", models.EmailField(blank=True, default="", max_length=254)),
        migrations.AddField("ApiKey", "name", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("ApiKey", "created_at", models.DateTimeField(default=django.utils.timezone.now)),
    ]
