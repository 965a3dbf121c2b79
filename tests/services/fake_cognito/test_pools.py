"""Pools and their clients."""

from typing import Any

from tests.services.fake_cognito.conftest import CLIENT, POOL, Cognito, refused


def test_a_pool_is_made_described_listed_and_deleted_with_all_in_it(cognito: Cognito) -> None:
    schema = [{"Name": "account", "AttributeDataType": "String", "Mutable": True}]
    policy = {"PasswordPolicy": {"MinimumLength": 12, "RequireSymbols": False}}
    made = cognito.api.create_user_pool(PoolName="p", Policies=policy, Schema=schema)["UserPool"]
    assert made["Id"].startswith("us-east-1_")
    told = cognito.api.describe_user_pool(UserPoolId=made["Id"])["UserPool"]
    assert told == made
    assert told["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert told["Policies"]["PasswordPolicy"]["RequireNumbers"] is True
    assert [each["Name"] for each in told["SchemaAttributes"]] == ["custom:account"]
    client = cognito.api.create_user_pool_client(UserPoolId=made["Id"], ClientName="c")["UserPoolClient"]
    cognito.api.admin_create_user(UserPoolId=made["Id"], Username="u")
    assert cognito.api.describe_user_pool(UserPoolId=made["Id"])["UserPool"]["EstimatedNumberOfUsers"] == 1
    cognito.api.delete_user_pool(UserPoolId=made["Id"])
    gone = {"UserPoolId": made["Id"]}
    assert refused(cognito, "describe_user_pool", **gone) == "ResourceNotFoundException"
    assert refused(cognito, "admin_get_user", **gone, Username="u") == "ResourceNotFoundException"
    auth = {"ClientId": client["ClientId"], "AuthFlow": "USER_SRP_AUTH"}
    assert refused(cognito, "initiate_auth", **auth) == "ResourceNotFoundException"
    assert cognito.service.ask("GET", f"/{made['Id']}/.well-known/jwks.json").status_code == 404


def test_pools_have_keys_of_their_own(cognito: Cognito) -> None:
    own = cognito.with_pool()
    keys = [cognito.service.ask("GET", f"/{pool}/.well-known/jwks.json").json()["keys"] for pool in (POOL, own.pool)]
    assert keys[0][0]["kid"] != keys[1][0]["kid"]
    assert keys[0][0]["n"] != keys[1][0]["n"]
    assert {(key["alg"], key["use"], key["kty"]) for pair in keys for key in pair} == {("RS256", "sig", "RSA")}
    assert all(key.keys() == {"alg", "use", "kty", "kid", "n", "e"} for pair in keys for key in pair)


def test_pages_of_pools_and_clients_have_no_gap_and_no_repeat(cognito: Cognito) -> None:
    own = cognito.with_pool()
    cognito.with_pool()
    asked = [{"UserPoolId": own.pool, "ClientName": f"c{number}"} for number in range(4)]
    made = [cognito.api.create_user_pool_client(**each)["UserPoolClient"]["ClientId"] for each in asked]
    ids = {own.client, *made}
    pages = cognito.api.get_paginator("list_user_pool_clients").paginate(UserPoolId=own.pool, MaxResults=2)
    found = [each["ClientId"] for page in pages for each in page["UserPoolClients"]]
    assert (set(found), len(found)) == (ids, 5)
    pools = cognito.api.get_paginator("list_user_pools").paginate(MaxResults=2)
    names = [each["Id"] for page in pools for each in page["UserPools"]]
    assert len(names) == len(set(names)) >= 3
    assert {POOL, own.pool} <= set(names)


def test_a_client_is_described_with_what_it_was_made_with_and_deleted(cognito: Cognito) -> None:
    said = {
        "ClientName": "web",
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "AccessTokenValidity": 15,
        "TokenValidityUnits": {"AccessToken": "minutes"},
        "PreventUserExistenceErrors": "ENABLED",
    }
    made = cognito.api.create_user_pool_client(UserPoolId=POOL, **said, GenerateSecret=True)["UserPoolClient"]
    one = {"UserPoolId": POOL, "ClientId": made["ClientId"]}
    told = cognito.api.describe_user_pool_client(**one)["UserPoolClient"]
    assert told == made
    assert {name: told[name] for name in said} == said
    assert len(told["ClientSecret"]) >= 40
    cognito.api.delete_user_pool_client(**one)
    assert refused(cognito, "describe_user_pool_client", **one) == "ResourceNotFoundException"
    own = cognito.with_pool()
    foreign = {"UserPoolId": own.pool, "ClientId": CLIENT}
    assert refused(cognito, "describe_user_pool_client", **foreign) == "ResourceNotFoundException"


def test_what_is_not_done_here_is_refused_and_not_passed_over(cognito: Cognito) -> None:
    trigger = "arn:aws:lambda:us-east-1:123456789012:function:f"
    hopes: tuple[dict[str, Any], ...] = (
        {"LambdaConfig": {"PreSignUp": trigger}},
        {"MfaConfiguration": "ON"},
        {"AliasAttributes": ["email"], "UsernameAttributes": ["email"]},
        {"Schema": [{"Name": "x", "AttributeDataType": "String", "Required": True}]},
    )
    for more in hopes:
        assert refused(cognito, "create_user_pool", PoolName="p", **more) == "InvalidParameterException"
    mixed = ["ALLOW_USER_SRP_AUTH", "USER_PASSWORD_AUTH"]
    asked: dict[str, Any] = {"UserPoolId": POOL, "ClientName": "c", "ExplicitAuthFlows": mixed}
    assert refused(cognito, "create_user_pool_client", **asked) == "InvalidParameterException"
