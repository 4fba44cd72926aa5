//! A request as it came: nothing decoded before it is asked for.

use axum::http::{HeaderMap, Method};

/// A whole request, its body included.
pub(crate) struct Request {
    pub(crate) method: Method,
    /// As sent, percent-encoding and all.
    pub(crate) path: String,
    /// As sent, without the `?`; empty where there is none.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// A header's first value, where it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The parameters of a form: in the body of a POST, or in the query string of a GET.
    pub(crate) fn parameters(&self) -> Parameters {
        if self.method == Method::POST {
            self.form_parameters()
        } else {
            self.query_parameters()
        }
    }

    /// The parameters of the query string, in their order.
    pub(crate) fn query_parameters(&self) -> Parameters {
        Parameters::parse(self.query.as_bytes())
    }

    /// The parameters of a form body, in their order.
    pub(crate) fn form_parameters(&self) -> Parameters {
        Parameters::parse(&self.body)
    }
}

/// Decoded names and values.
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The values of `PREFIX.1SUFFIX`, `PREFIX.2SUFFIX` and so on.
    pub(crate) fn list(&self, prefix: &str, suffix: &str) -> Vec<&str> {
        (1..)
            .map_while(|number| self.get(&format!("{prefix}.{number}{suffix}")))
            .collect()
    }
}
