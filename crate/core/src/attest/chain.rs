//! Whether a certificate leads to a root that the user trusts (RFC 5280, 6): names, signatures, validity, who may sign.
//!
//! No revocation: that needs the network.

use std::ops::RangeInclusive;

use super::Work;
use super::certificate::{Certificate, distinguished, moment};

/// Certificates above the first: Sigstore has two.
const MOST_STEPS: usize = 6;
/// Certificates of a bundle that are tried as issuers.
const MOST_CANDIDATES: usize = 50;

/// A root that the user gave, and until when its operator says to use it: seconds since 1970.
#[derive(Clone, Debug)]
pub(super) struct Root {
    pub(super) certificate: Certificate,
    pub(super) valid: RangeInclusive<i64>,
}

/// The name of the root that a certificate leads to.
///
/// # Errors
/// Why it leads to none.
pub(super) fn lead(
    leaf: &Certificate,
    between: &[&Certificate],
    roots: &[Root],
    at: i64,
    work: &mut Work,
) -> Result<String, String> {
    if let Some(problem) = leaf.path_problem() {
        return Err(problem);
    }
    if !leaf.is_valid_at(at) {
        return Err(format!("it is not valid at {}", moment(at)));
    }
    let mut current = leaf;
    for step in 0..MOST_STEPS {
        // How many stand between this issuer and the last certificate.
        let below = u64::try_from(step).unwrap_or(u64::MAX);
        let mut may_sign = |issuer: &Certificate| {
            issuer.subject == current.issuer
                && issuer.path_problem().is_none()
                && issuer.is_valid_at(at)
                && issuer.authority().is_some_and(|most| most.is_none_or(|most| below <= most))
                && issuer.key().is_ok_and(|key| work.take(&key))
                && current.is_signed_by(issuer)
        };
        if let Some(root) = roots.iter().find(|root| root.valid.contains(&at) && may_sign(&root.certificate)) {
            return Ok(distinguished(&root.certificate.subject));
        }
        let next =
            between.iter().take(MOST_CANDIDATES).find(|issuer| issuer.subject != issuer.issuer && may_sign(issuer));
        match next {
            Some(issuer) => current = issuer,
            None => break,
        }
    }
    Err(format!("nothing given issued “{}”, or was allowed to at {}", distinguished(&current.issuer), moment(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_alone_leads_to_itself_only_if_it_was_given() {
        // Made for this test: `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=root`, then a
        // certificate for `/CN=leaf` by it, and one by another root of the same name.
        let read = |text: &str| {
            let (.., body) = crate::attest::keys::blocks(text.as_bytes()).into_iter().next().unwrap();
            Certificate::read(&crate::base64::decode(&body).unwrap()).unwrap()
        };
        let root = |text: &str| Root { certificate: read(text), valid: i64::MIN..=i64::MAX };
        let leaf = read(include_str!("../../../../tests/samples/attestations/ours/chain-leaf.pem"));
        let right = root(include_str!("../../../../tests/samples/attestations/ours/chain-root.pem"));
        let wrong = root(include_str!("../../../../tests/samples/attestations/ours/chain-other-root.pem"));
        let at = leaf.valid.0;
        let mut work = Work { left: 100 };
        let mut lead = |roots: &[Root], at| super::lead(&leaf, &[], roots, at, &mut work);
        assert_eq!(lead(&[wrong.clone(), right.clone()], at), Ok("CN=root".to_owned()));
        assert!(lead(&[wrong], at).unwrap_err().contains("nothing given issued “CN=root”"));
        assert!(lead(&[], at).is_err());
        assert!(lead(std::slice::from_ref(&right), at - 1).unwrap_err().contains("not valid at"));
        assert!(lead(&[Root { valid: 0..=1, ..right.clone() }], at).is_err());
        // The leaf may not issue anything.
        let mut below = leaf.clone();
        below.issuer = leaf.subject.clone();
        assert!(super::lead(&below, &[&leaf], &[right], at, &mut work).is_err());
    }
}
