import time
def api_request(url, **kwargs):
    response = requests.request(url, **kwargs)
    if response.status_code == 200:
        return response.json()
    elif response.status_code == 401:
        # Re-authenticate
        refresh_token()
        return retry_request()
    elif response.status_code == 429:
        # Rate limited - wait and retry
        error = response.json().get("error", {})
        retry_after = error.get("retry_after", 1)
        time.sleep(retry_after)
        return retry_request()
    elif response.status_code == 426:
        # Update required
        show_update_prompt()
        return None
    else:
        error = response.json().get("error", {})
        log_error(error.get("code"), error.get("message"))
        raise APIError(error.get("message"))
