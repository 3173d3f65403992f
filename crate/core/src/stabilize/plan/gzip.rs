//! A gzip stream: around a tar archive, or in a gem around the metadata.

use super::{Plan, Planner};
use crate::entry::{BaseId, Content, Value};
use crate::go::{self, Bytes, Stop};
use crate::reading::NodeId;

impl Planner<'_> {
    /// The tar archive in the gzip stream that fills a base. `node` is the one that holds the stream.
    pub(super) fn gzip_tar(&mut self, base: BaseId, node: Option<NodeId>) -> Result<Plan, Stop> {
        let content = go::gzip::content(base);
        let header = go::gzip::Header::read(self.store, &content)?;
        let mut bytes = Bytes::gzip(self.store, &content, self.is_clean(node))?;
        let container = node.and_then(|id| self.reading.layers(id).last().copied());
        let inner = self.tar(&mut bytes, container, false)?;
        Ok(self.gzip(header, inner))
    }

    /// The text in the gzip stream that fills a base, as passes left it.
    ///
    /// # Errors
    /// Anything wrong with the stream, to its last byte.
    pub(super) fn gzip_text(&self, base: BaseId, node: Option<NodeId>) -> Result<Plan, Stop> {
        let content = go::gzip::content(base);
        let header = go::gzip::Header::read(self.store, &content)?;
        let extent = go::gzip::extent(self.store, &content)?;
        if let Some(fault) = extent.fault {
            return Stop::refused(fault);
        }
        let inner = node.and_then(|id| self.reading.layers(id).last().copied());
        let text = match self.new_content(inner.filter(|inner| node != Some(*inner))) {
            Some(new) => new.clone(),
            None => Content { size: Some(extent.length), ..content },
        };
        Ok(self.gzip(header, Plan::Raw(text)))
    }

    fn gzip(&self, mut header: go::gzip::Header, inner: Plan) -> Plan {
        if self.has("gzip-name") {
            header.name.clear();
        }
        if self.has("gzip-time") {
            header.mtime = 0;
        }
        if self.has("gzip-misc") {
            header.comment.clear();
            header.extra = None;
            header.os = 255;
        }
        Plan::Gzip { header, stored: self.has("gzip-compression"), inner: Box::new(inner) }
    }

    /// Whether reading a gzip stream met nothing that Go could take otherwise: one member, its checks right, nothing
    /// behind it.
    fn is_clean(&self, node: Option<NodeId>) -> bool {
        let opened = |id: NodeId| self.reading.node(id).and_then(|node| node.opened.as_ref());
        // What a decoder meets is noted where what it decodes was opened to its end.
        let inner = node.and_then(|id| opened(self.reading.layers(id).last().copied()?));
        node.and_then(opened).filter(|_| inner.is_some_and(|inner| inner.format == "tar")).is_some_and(|opened| {
            opened.format == "gzip"
                && opened.fields.iter().all(|field| match &*field.name {
                    "mtime" | "extra-flags" | "os" | "flags" | "extra" | "name" | "comment" => true,
                    "header-crc" => matches!(field.value, Value::Text(_)),
                    _ => false,
                })
        })
    }
}
